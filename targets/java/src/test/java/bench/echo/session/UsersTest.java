package bench.echo.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bench.echo.settings.UnusableVariableException;
import bench.echo.settings.Variables;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsersTest {

    private static final String SALT = "YmVuY2gtcHVibGljLXNhbA==";
    private static final String HASH = "2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=";
    private static final String BENCH = "bench:pbkdf2-sha256$10000$" + SALT + "$" + HASH;
    // Python: hashlib.pbkdf2_hmac("sha256", "pässwörd \U0001f600".encode(), b"saltsalt", 3); and of b"" likewise.
    private static final String OTHERS =
            "a.B_9-:pbkdf2-sha256$3$c2FsdHNhbHQ=$pr9vAuV6IUOHWH35cEdRkEjdM9lfM3GIHb4RsDfsY3o=,"
                    + "empty:pbkdf2-sha256$3$c2FsdHNhbHQ=$u6yf3dRARdd/V8vWQ3JdW9EA1PXraeV7mMkRxKWPqZY=";

    private static Users users(String value) {
        return Users.from(new Variables(Map.of("NODE_USERS", value)));
    }

    @Test
    void aUserHasOnePassword() {
        try (Users users = users(BENCH)) {
            assertThat(users.mayEnter("bench", "correct horse battery staple")).isTrue();
            assertThat(users.mayEnter("bench", "correct horse battery staple ")).isFalse();
            assertThat(users.mayEnter("bench", "")).isFalse();
            assertThat(users.mayEnter("Bench", "correct horse battery staple")).isFalse();
        }
    }

    @Test
    void passwordsAreTheirUtf8Bytes() {
        try (Users users = users(OTHERS)) {
            assertThat(users.mayEnter("a.B_9-", "pässwörd \uD83D\uDE00")).isTrue();
            assertThat(users.mayEnter("a.B_9-", "password")).isFalse();
            assertThat(users.mayEnter("empty", "")).isTrue();
            assertThat(users.mayEnter("empty", " ")).isFalse();
        }
    }

    @Test
    void nobodyMayEnterWhereNobodyIsNamed() {
        for (Variables variables : new Variables[] {new Variables(Map.of()), new Variables(Map.of("NODE_USERS", ""))}) {
            try (Users users = Users.from(variables)) {
                assertThat(users.mayEnter("bench", "correct horse battery staple"))
                        .isFalse();
                assertThat(users.mayEnter("", "")).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bench",
                ",",
                BENCH + ",",
                BENCH + "," + BENCH,
                " " + BENCH,
                ":pbkdf2-sha256$10000$" + SALT + "$" + HASH,
                "é:pbkdf2-sha256$10000$" + SALT + "$" + HASH,
                "bench:pbkdf2-sha1$10000$" + SALT + "$" + HASH,
                "bench:pbkdf2-sha256$0$" + SALT + "$" + HASH,
                "bench:pbkdf2-sha256$10000001$" + SALT + "$" + HASH,
                "bench:pbkdf2-sha256$-1$" + SALT + "$" + HASH,
                "bench:pbkdf2-sha256$1e4$" + SALT + "$" + HASH,
                "bench:pbkdf2-sha256$99999999999$" + SALT + "$" + HASH,
                "bench:pbkdf2-sha256$10000$$" + HASH,
                "bench:pbkdf2-sha256$10000$c2FsdHNhbA==$" + HASH,
                "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbA$" + HASH,
                "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbB==$" + HASH,
                "bench:pbkdf2-sha256$10000$" + SALT + "$" + SALT,
                "bench:pbkdf2-sha256$10000$" + SALT + "$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa-xFA01vGmr730=",
                "bench:pbkdf2-sha256$10000$" + SALT + "$" + HASH + "$"
            })
    void whatIsNotAListOfUsersIsRefusedAndNotRepeated(String value) {
        assertThatThrownBy(() -> users(value))
                .isInstanceOf(UnusableVariableException.class)
                .hasMessageStartingWith("NODE_USERS ")
                .hasMessageNotContaining(SALT)
                .hasMessageNotContaining(HASH);
    }
}
