package dev.lipia

/**
 * Sets the logger for Lipia's log lines, for the whole process and in place of any earlier one. Phone numbers and ids in
 * the lines are masked, and the lines never have secrets.
 *
 * ```
 * setLogger(LogLevel.DEBUG) { level, line -> Log.println(priorityOf(level), "lipia", line) }
 * ```
 *
 * @param level the least important level that is logged.
 * @param logger called with each line, on any thread and in the middle of a call: pass the line on and return. Its exceptions are
 * dropped. `null` turns logging off.
 */
public fun setLogger(level: LogLevel = LogLevel.INFO, logger: ((LogLevel, String) -> Unit)?) {
    nativeSetLogListener(logger?.let(::GuardedListener), level)
}

/** A listener whose exceptions do not reach the call that logs. */
private class GuardedListener(private val logger: (LogLevel, String) -> Unit) : NativeLogListener {
    override fun line(level: LogLevel, line: String) {
        runCatching { logger(level, line) }
    }
}
