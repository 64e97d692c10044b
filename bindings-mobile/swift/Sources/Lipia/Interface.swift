import Foundation

/// What a till calls of a ``Client``, as a protocol: a till that is made with `any PaymentClient` is tested with one that is
/// faked.
///
/// ```swift
/// struct DeclinedClient: PaymentClient {
///     func request(_ push: StkPush, order: String?, timeout: TimeInterval?) async throws -> Payment {
///         try Payment.sample(push, outcome: .cancelled, order: order)  // of the product LipiaTesting
///     }
///     …
/// }
/// ```
public protocol PaymentClient: Sendable {
    /// The payments of its ledger.
    associatedtype LookedUp: PaymentLookup

    /// See ``Client/gateway``.
    var gateway: GatewayName { get }

    /// See ``Client/request(_:order:timeout:)``.
    func request(_ push: StkPush, order: String?, timeout: TimeInterval?) async throws -> Payment

    /// See ``Client/collect(_:order:wait:)``.
    func collect(_ push: StkPush, order: String, wait: WaitOptions?) async throws -> Payment

    /// See ``Client/outcomes``.
    var outcomes: Outcomes { get }

    /// See ``Client/payments``.
    var payments: LookedUp { get }

    /// See ``Client/drain()``.
    func drain() async throws

    /// See ``Client/forgetCredentials()``.
    func forgetCredentials()
}

extension PaymentClient {
    /// See ``Client/request(_:order:timeout:)``.
    public func request(_ push: StkPush, order: String) async throws -> Payment {
        try await request(push, order: order, timeout: nil)
    }

    /// See ``Client/collect(_:order:wait:)``.
    public func collect(_ push: StkPush, order: String) async throws -> Payment {
        try await collect(push, order: order, wait: nil)
    }
}

/// What a till calls of ``Payments``, as a protocol that can be faked.
public protocol PaymentLookup: Sendable {
    /// See ``Payments/get(_:)``.
    func get(_ id: String) async throws -> Payment

    /// See ``Payments/ofOrder(_:)``.
    func ofOrder(_ order: String) async throws -> [Payment]

    /// See ``Payments/search(_:page:limit:)``.
    func search(_ search: PaymentSearch, page: Int64?, limit: Int) async throws -> PaymentPage

    /// See ``Payments/ask(_:timeout:)``.
    func ask(_ id: String, timeout: TimeInterval?) async throws -> Payment

    /// See ``Payments/release(_:)``.
    func release(_ order: String) async throws -> Payment

    /// See ``Payments/resolve(_:_:)``.
    func resolve(_ id: String, _ resolution: Resolution) async throws -> Payment
}

extension PaymentLookup {
    /// See ``Payments/search(_:page:limit:)``.
    public func search(_ search: PaymentSearch) async throws -> PaymentPage {
        try await self.search(search, page: nil, limit: 50)
    }

    /// See ``Payments/ask(_:timeout:)``.
    public func ask(_ id: String) async throws -> Payment {
        try await ask(id, timeout: nil)
    }
}

extension Client: PaymentClient {}
extension Payments: PaymentLookup {}
