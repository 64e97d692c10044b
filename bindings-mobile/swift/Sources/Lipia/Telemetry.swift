/// Sets the observer of Lipia's spans and counts, for the whole process and in place of any earlier one. Their names are
/// OpenTelemetry's where it has them; no attribute has a secret or a whole phone number.
///
/// ```swift
/// setObserver { span in logger.debug("\(span.name, privacy: .public) \(span.duration)") }
/// ```
///
/// - Parameters:
///   - onCount: called with one more for a counter.
///   - onSpan: called with each span that has ended, children before their parents. Both are called on any thread and in the
///     middle of a call: pass on what you are given and return. `nil` turns both off.
public func setObserver(
    onCount: @escaping @Sendable (TelemetryCount) -> Void = { _ in },
    _ onSpan: (@Sendable (TelemetrySpan) -> Void)?
) {
    nativeSetTelemetryListener(listener: onSpan.map { Observer(onCount: onCount, onSpan: $0) })
}

private final class Observer: NativeTelemetryListener {
    private let onCount: @Sendable (TelemetryCount) -> Void
    private let onSpan: @Sendable (TelemetrySpan) -> Void

    init(onCount: @escaping @Sendable (TelemetryCount) -> Void, onSpan: @escaping @Sendable (TelemetrySpan) -> Void) {
        self.onCount = onCount
        self.onSpan = onSpan
    }

    func span(span: TelemetrySpan) {
        onSpan(span)
    }

    func count(count: TelemetryCount) {
        onCount(count)
    }
}
