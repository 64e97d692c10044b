import Foundation
import Lipia
import Security

/// The merchant's keys as they are typed in at set-up.
struct DarajaKeys: Codable, Sendable {
    let consumerKey: String
    let consumerSecret: String
    let shortCode: String
    let passKey: String

    func credentials() throws -> Credentials {
        try .daraja(consumerKey: consumerKey, consumerSecret: consumerSecret, shortCode: shortCode, passKey: passKey)
    }
}

/// The merchant's keys, in the Keychain of this device alone.
///
/// For the merchant's own till. An app for the public has a provider that signs in at the merchant's server instead, and
/// returns `Credentials.accessToken(…)`: docs/mobile.md.
final class KeychainCredentials: CredentialsProvider {
    private let service = "dev.lipia.till"
    private let account = "daraja"

    /// What the Keychain answered, where that is no success.
    struct Refused: LocalizedError {
        let status: OSStatus

        var errorDescription: String? {
            SecCopyErrorMessageString(status, nil) as String? ?? "The Keychain refused (\(status))."
        }
    }

    var areThere: Bool {
        SecItemCopyMatching(item as CFDictionary, nil) == errSecSuccess
    }

    /// Lipia asks when it needs them, and again once they were forgotten.
    func credentials() async throws -> Credentials {
        var query = item
        query[kSecReturnData] = true
        query[kSecMatchLimit] = kSecMatchLimitOne
        var found: CFTypeRef?
        let status = SecItemCopyMatching(query as CFDictionary, &found)
        guard status == errSecSuccess, var data = found as? Data else { throw Refused(status: status) }
        defer { data.resetBytes(in: data.indices) }
        return try JSONDecoder().decode(DarajaKeys.self, from: data).credentials()
    }

    /// Keeps what was typed in, at set-up or again: keys may be mistyped, or changed at Safaricom.
    ///
    /// - Throws: `LipiaError` where one of them cannot be right; the old ones are kept then. ``Refused``.
    func keep(_ keys: DarajaKeys) throws {
        _ = try keys.credentials()
        let content: [CFString: Any] = [
            kSecValueData: try JSONEncoder().encode(keys),
            // Never in a backup or on another device; while the device is locked nobody reads them. With an access control of
            // `.userPresence` in its place a finger or a face is asked for.
            kSecAttrAccessible: kSecAttrAccessibleWhenUnlockedThisDeviceOnly,
        ]
        // The old ones are there until the new ones are.
        var status = SecItemUpdate(item as CFDictionary, content as CFDictionary)
        if status == errSecItemNotFound {
            status = SecItemAdd(item.merging(content) { $1 } as CFDictionary, nil)
        }
        guard status == errSecSuccess else { throw Refused(status: status) }
    }

    /// When the device changes hands.
    func remove() {
        SecItemDelete(item as CFDictionary)
    }

    private var item: [CFString: Any] {
        [
            kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: account,
            kSecUseDataProtectionKeychain: true,
        ]
    }
}
