package dev.lipia

/**
 * Hands what the library tells its log to the app's own log, from here on and for the whole process. Phone numbers and ids
 * in it are masked, and no secret is in it.
 *
 * ```
 * setLogger(LogLevel.DEBUG) { level, line -> Log.println(priorityOf(level), "lipia", line) }
 * ```
 *
 * @param level from which weight on lines are told.
 * @param logger takes one line. It is called on any thread, in the middle of things: hand the line on and return. What it
 * throws is lost. `null`: nobody is told.
 */
public fun setLogger(level: LogLevel = LogLevel.INFO, logger: ((LogLevel, String) -> Unit)?) {
    setLogListener(logger?.let(::GuardedListener), level)
}

/** A log that fails must not fail what it is told of. */
private class GuardedListener(private val logger: (LogLevel, String) -> Unit) : LogListener {
    override fun line(level: LogLevel, line: String) {
        runCatching { logger(level, line) }
    }
}
