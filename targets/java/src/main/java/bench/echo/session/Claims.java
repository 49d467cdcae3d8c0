package bench.echo.session;

/**
 * What a token says.
 *
 * @param sub the user
 * @param iat when it was issued, in seconds since 1970
 * @param exp when it ends, in seconds since 1970
 */
public record Claims(String sub, long iat, long exp) {}
