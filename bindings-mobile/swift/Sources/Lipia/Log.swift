/// Hands what the library tells its log to the app's own log, from here on and for the whole process. Phone numbers and ids in
/// it are masked, and no secret is in it.
///
/// ```swift
/// setLogger(level: .debug) { level, line in logger.log("\(line, privacy: .public)") }
/// ```
///
/// - Parameters:
///   - level: from which weight on lines are told.
///   - logger: takes one line. It is called on any thread, in the middle of things: hand the line on and return. `nil`: nobody
///     is told.
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
