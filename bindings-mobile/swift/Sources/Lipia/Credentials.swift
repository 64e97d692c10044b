import Foundation

extension Credentials {
    /// A merchant's own credentials at Daraja. For the merchant's own till only: `docs/mobile.md` says who may hold these.
    ///
    /// - Parameters:
    ///   - consumerKey: the app's consumer key.
    ///   - consumerSecret: the app's consumer secret.
    ///   - shortCode: the pay bill number; for a till, the head office or store number.
    ///   - passKey: the pass key that Safaricom gave for the short code.
    /// - Throws: ``LipiaError``: a part is not valid; `field` names it.
    public static func daraja(
        consumerKey: String, consumerSecret: String, shortCode: String, passKey: String
    ) throws -> Credentials {
        try translating {
            try nativeDaraja(
                consumerKey: consumerKey, consumerSecret: consumerSecret, shortCode: shortCode, passKey: passKey)
        }
    }

    /// A merchant's own credentials at PalPluss: the API key from its dashboard.
    public static func palPluss(apiKey: String) -> Credentials {
        nativePalPluss(apiKey: apiKey)
    }

    /// A merchant's own credentials at UpesiPay: the ready token from its dashboard, with or without `Basic` before it.
    public static func upesiPay(authToken: String) -> Credentials {
        nativeUpesiPay(authToken: authToken)
    }

    /// A merchant's own credentials at UpesiPay: user name and password, in place of a ready token.
    public static func upesiPay(username: String, password: String) -> Credentials {
        nativeUpesiPayLogin(username: username, password: password)
    }

    /// A merchant's own credentials at PayHero: the ready token from its dashboard, with or without `Basic` before it.
    public static func payHero(authToken: String) -> Credentials {
        nativePayHero(authToken: authToken)
    }

    /// A merchant's own credentials at PayHero: user name and password, in place of a ready token.
    public static func payHero(username: String, password: String) -> Credentials {
        nativePayHeroLogin(username: username, password: password)
    }

    /// A token for the merchant's own server: the only credentials for an app that is given to the public. The server speaks
    /// Daraja's form at the client's `baseUrl`, has the merchant's credentials, and adds them to each request.
    ///
    /// - Parameters:
    ///   - token: the token that the server gave at sign-in, sent as `Authorization: Bearer …`.
    ///   - shortCode: the merchant's short code.
    ///   - lifetime: the seconds for which the token is good. The provider is asked again before they end. Default: the token is
    ///     used until the server refuses it.
    /// - Throws: ``LipiaError``: a part is not valid; `field` names it.
    public static func accessToken(
        _ token: String, shortCode: String, lifetime: TimeInterval? = nil
    ) throws -> Credentials {
        try translating { try nativeAccessToken(token: token, shortCode: shortCode, lifetime: lifetime) }
    }
}

/// A ``CredentialsProvider`` made of a function.
///
/// ```swift
/// let daraja = try Daraja(credentials: CredentialsSource { try await keychain.credentials() })
/// ```
public final class CredentialsSource: CredentialsProvider {
    private let ask: @Sendable () async throws -> Credentials

    /// Makes a provider.
    ///
    /// - Parameter ask: called when a call first needs the credentials, and again once they were forgotten, refused or too old.
    public init(_ ask: @escaping @Sendable () async throws -> Credentials) {
        self.ask = ask
    }

    /// The credentials that the function returns.
    public func credentials() async throws -> Credentials {
        try await ask()
    }
}

/// The app's provider, as the native side asks it. An error of Lipia's own that the app met crosses whole, so that the call
/// ends with it.
final class AskedProvider: CredentialsProvider {
    private let provider: any CredentialsProvider

    init(_ provider: any CredentialsProvider) {
        self.provider = provider
    }

    func credentials() async throws -> Credentials {
        do {
            return try await provider.credentials()
        } catch let error as LipiaError {
            throw AppError.Lipia(details: error.details)
        }
    }
}
