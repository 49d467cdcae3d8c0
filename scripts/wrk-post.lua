-- Makes wrk send the JSON in $BODY with POST. The request is built once: no Lua runs for a request.
wrk.method = "POST"
wrk.body = os.getenv("BODY")
