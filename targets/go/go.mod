module bench/targets/go

go 1.26
