/// Runs a call of the native library. A task's cancellation stops at the border, so it is passed on by hand: the native
/// side ends questions at once, and lets a push go on.
///
/// - Parameter client: the client that may hold the payment that an error concerns.
func translating<Value: Sendable>(
    _ client: NativeClient? = nil,
    _ call: @Sendable (NativeCancellation) async throws -> Value
) async throws -> Value {
    let cancellation = NativeCancellation()
    return try await withTaskCancellationHandler {
        do { return try await call(cancellation) } catch { throw translated(error, client) }
    } onCancel: {
        cancellation.cancel()
    }
}
