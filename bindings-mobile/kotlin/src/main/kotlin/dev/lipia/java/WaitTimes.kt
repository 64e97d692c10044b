package dev.lipia.java

import dev.lipia.WaitOptions
import java.time.Duration
import kotlin.time.toKotlinDuration

/**
 * The times of a wait in the making. A time that is left out has its default. See [WaitOptions].
 *
 * ```java
 * WaitOptions wait = new WaitTimes().timeout(Duration.ofSeconds(60)).build();
 * ```
 */
public class WaitTimes {
    private var options = WaitOptions()

    /** The time to wait in all. Default: 120 seconds. */
    public fun timeout(timeout: Duration): WaitTimes = with { copy(timeout = timeout.toKotlinDuration()) }

    /** The time from the push to the first question. Default: 10 seconds. */
    public fun firstQueryAfter(time: Duration): WaitTimes = with { copy(firstQueryAfter = time.toKotlinDuration()) }

    /** The pause between the first and the second question; each later pause is half as long again. Default: 10 seconds. */
    public fun queryEvery(pause: Duration): WaitTimes = with { copy(queryEvery = pause.toKotlinDuration()) }

    /** The longest pause between two questions. Default: 30 seconds. */
    public fun longestPause(pause: Duration): WaitTimes = with { copy(longestPause = pause.toKotlinDuration()) }

    /** The options for a client and its verbs. */
    public fun build(): WaitOptions = options

    private fun with(change: WaitOptions.() -> WaitOptions): WaitTimes = apply { options = options.change() }
}
