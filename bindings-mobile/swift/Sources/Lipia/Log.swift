/// Sets the logger for Lipia's log lines, for the whole process and in place of any earlier one. Phone numbers and ids in
/// the lines are masked, and the lines never have secrets.
///
/// ```swift
/// setLogger(level: .debug) { level, line in logger.log("\(line, privacy: .public)") }
/// ```
///
/// - Parameters:
///   - level: the least important level that is logged.
///   - logger: called with each line, on any thread and in the middle of a call: pass the line on and return. `nil` turns logging
///     off.
public func setLogger(level: LogLevel = .info, _ logger: (@Sendable (LogLevel, String) -> Void)?) {
    setLogListener(listener: logger.map(Listener.init), level: level)
}

private final class Listener: LogListener {
    private let logger: @Sendable (LogLevel, String) -> Void

    init(_ logger: @escaping @Sendable (LogLevel, String) -> Void) {
        self.logger = logger
    }

    func line(level: LogLevel, line: String) {
        logger(level, line)
    }
}
