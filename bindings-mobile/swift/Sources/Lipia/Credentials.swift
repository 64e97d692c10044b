import Foundation

extension Credentials {
    /// A merchant's own at Daraja. For the merchant's own till alone: see `docs/mobile.md` for who may hold these.
    ///
    /// - Parameters:
    ///   - consumerKey: of the app in Safaricom's portal.
    ///   - consumerSecret: of the same app.
    ///   - shortCode: the pay bill's or the store's number.
    ///   - passKey: of that short code.
    /// - Throws: ``LipiaError`` naming the part that is not valid.
    public static func daraja(
        consumerKey: String, consumerSecret: String, shortCode: String, passKey: String
    ) throws -> Credentials {
        try translating {
            try nativeDaraja(
                consumerKey: consumerKey, consumerSecret: consumerSecret, shortCode: shortCode, passKey: passKey)
        }
    }

    /// A merchant's own at PalPluss: the API key from its console.
    public static func palPluss(apiKey: String) -> Credentials {
        nativePalPluss(apiKey: apiKey)
    }

    /// A merchant's own at UpesiPay: the ready token from its dashboard.
    public static func upesiPay(authToken: String) -> Credentials {
        nativeUpesiPay(authToken: authToken)
    }

    /// A merchant's own at UpesiPay: user name and password.
    public static func upesiPay(username: String, password: String) -> Credentials {
        nativeUpesiPayLogin(username: username, password: password)
    }

    /// A merchant's own at PayHero: the ready token from its dashboard.
    public static func payHero(authToken: String) -> Credentials {
        nativePayHero(authToken: authToken)
    }

    /// A merchant's own at PayHero: user name and password.
    public static func payHero(username: String, password: String) -> Credentials {
        nativePayHeroLogin(username: username, password: password)
    }

    /// A token for the merchant's own server, which speaks Daraja's form at the client's `baseUrl` and has the keys: what an
    /// app for the public holds.
    ///
    /// - Parameters:
    ///   - token: sent with every request as `Authorization: Bearer …`.
    ///   - shortCode: sent as it is.
    ///   - lifetime: seconds after which the provider is asked again. Default: until the server refuses it.
    /// - Throws: ``LipiaError`` naming the part that is not valid.
    public static func accessToken(
        _ token: String, shortCode: String, lifetime: TimeInterval? = nil
    ) throws -> Credentials {
        try translating { try nativeAccessToken(token: token, shortCode: shortCode, lifetime: lifetime) }
    }
}

/// Credentials from a function, for where a ``CredentialsProvider`` of one's own would be a class around it.
///
/// ```swift
/// let daraja = try Daraja(credentials: CredentialsSource { try await keychain.credentials() })
/// ```
public final class CredentialsSource: CredentialsProvider {
    private let ask: @Sendable () async throws -> Credentials

    /// - Parameter ask: called when credentials are needed, and again once they were forgotten, refused or too old.
    public init(_ ask: @escaping @Sendable () async throws -> Credentials) {
        self.ask = ask
    }

    public func credentials() async throws -> Credentials {
        try await ask()
    }
}
