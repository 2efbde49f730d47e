package io.sluice.spark;

import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.util.regex.Pattern;

/** What a user sees of a failure. */
public final class Failures {
    private Failures() {}

    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    /** Some exception of the chain that the action throws says {@code pattern}, a regular expression. */
    public static void assertFails(String pattern, Action action) {
        Throwable thrown = thrownBy(action);
        var messages = new StringBuilder();
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            messages.append(e.getClass().getName()).append(": ").append(e.getMessage()).append('\n');
        }
        assertTrue("/" + pattern + "/ is not in " + messages, Pattern.compile(pattern).matcher(messages).find());
    }

    /** The action is refused by ourselves, on the driver: no Spark exception around it. */
    public static void assertRefused(String errorClass, Action action) {
        Throwable thrown = thrownBy(action);
        if (!(thrown instanceof SluiceThrowable refusal)) {
            throw new AssertionError("not a SluiceThrowable", thrown);
        }
        assertTrue(errorClass + " is not " + refusal.getMessage(), Pattern.matches(errorClass, refusal.getCondition()));
        assertTrue(refusal.getMessage(), refusal.getMessage().startsWith("[" + refusal.getCondition() + "] Cannot "));
    }

    private static Throwable thrownBy(Action action) {
        try {
            action.run();
        } catch (Throwable e) {
            return e;
        }
        fail("nothing was thrown");
        return null;
    }
}
