import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Where a phone hears of callbacks. M-Pesa cannot post to a phone, so it posts to the merchant's server, which keeps what
/// came to a payment's own URL and gives it to who asks at that URL: nobody else knows it. `examples/relay` is such a server.
public protocol Letterbox: Sendable {
    /// The body that was posted to that URL, as it came; nothing where nothing came yet, or nobody can be asked.
    func look(_ callbackUrl: String) async -> Data?
}

/// The letterbox at the callback URL itself.
public struct ServersLetterbox: Letterbox {
    private static let longestSeconds: TimeInterval = 5
    private static let largestBytes = 64 * 1024

    public init() {}

    public func look(_ callbackUrl: String) async -> Data? {
        guard let url = URL(string: callbackUrl) else { return nil }
        let request = URLRequest(
            url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: Self.longestSeconds)
        // In a task of its own, which nobody cancels: FoundationNetworking can end in a deadlock where one is cancelled as its
        // answer comes. Nothing is lost where it fails: M-Pesa is asked as well.
        let asked = Task { try? await URLSession.shared.data(for: request) }
        guard let (body, answer) = await asked.value, (answer as? HTTPURLResponse)?.statusCode == 200,
            body.count <= Self.largestBytes
        else { return nil }
        return body
    }
}
