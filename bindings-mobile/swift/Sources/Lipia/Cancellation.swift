/// Runs what may take time. A task's cancellation stops at the border, so it is told to the native side, which ends the
/// asking at once and lets a push go on.
func translating<Value: Sendable>(
    _ call: @Sendable (NativeLeaving) async throws -> Value
) async throws -> Value {
    let leaving = NativeLeaving()
    return try await withTaskCancellationHandler {
        do { return try await call(leaving) } catch { throw translated(error) }
    } onCancel: {
        leaving.leave()
    }
}
