import Foundation
import Lipia
import LipiaTesting

// The class has a `close` of its own.
private func closeDescriptor(_ descriptor: Int32) {
    _ = close(descriptor)
}

#if canImport(Glibc)
    private let streamSocket = Int32(SOCK_STREAM.rawValue)
    private let withoutSignal = Int32(MSG_NOSIGNAL)
#else
    private let streamSocket = SOCK_STREAM
    private let withoutSignal: Int32 = 0
#endif

/// A shop's web server: it answers every callback, hands it to a client, and remembers what came of it.
final class CallbackShop: Sendable {
    /// What came of a callback: the verdict, nothing where the payment is not held there, or the code of the error.
    enum Heard: Equatable, Sendable {
        case verdict(Verdict?)
        case refused(String)
    }

    typealias Receive = @Sendable (_ path: String, _ body: Data) async throws -> Verdict?

    private let listener: Int32
    private let port: UInt16
    private let receive = Guarded<Receive?>(nil)
    private let taken = Guarded<[Heard]>([])
    private let wrong = Guarded<[String]>([])

    /// Listens on this machine, at a port that the system chooses.
    init() throws {
        listener = socket(AF_INET, streamSocket, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let listens = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard listens else { throw Failure("the shop cannot listen") }
        port = UInt16(bigEndian: address.sin_port)
        // Until it is closed.
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    /// Where it takes callbacks.
    var callbackUrl: String { "http://127.0.0.1:\(port)/pay" }

    /// Who takes in what is posted.
    func hand(to receive: @escaping Receive) {
        self.receive.with { $0 = receive }
    }

    var heard: [Heard] { taken.now }

    /// What went wrong in the shop itself.
    var mistakes: [String] { wrong.now }

    /// Ends the listening; a connection under way ends with its request.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        closeDescriptor(listener)
    }

    private func serve(_ connection: Int32) {
        defer { closeDescriptor(connection) }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard let (path, body) = request(connection) else {
            wrong.with { $0.append("a request that was none") }
            return
        }
        let reply = acceptedReply()
        let answer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(reply.utf8.count)\r\nConnection: close\r\n\r\n"
            + reply
        _ = answer.withCString { send(connection, $0, strlen($0), withoutSignal) }
        guard let receive = receive.now else { return }
        Task {
            do {
                let verdict = try await receive(path, body)
                taken.with { $0.append(.verdict(verdict)) }
            } catch let error as LipiaError {
                taken.with { $0.append(.refused(error.code)) }
            } catch {
                wrong.with { $0.append("\(error)") }
            }
        }
    }

    /// Path and body of one request.
    private func request(_ connection: Int32) -> (path: String, body: Data)? {
        var bytes = Data()
        var part = [UInt8](repeating: 0, count: 65_536)
        let end = Data("\r\n\r\n".utf8)
        while true {
            if let head = bytes.range(of: end) {
                let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                let length = lines.compactMap { line -> Int? in
                    let parts = line.split(separator: ":", maxSplits: 1)
                    guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
                    return Int(parts[1].trimmingCharacters(in: .whitespaces))
                }
                let words = lines[0].split(separator: " ")
                guard words.count == 3, let length = length.first else { return nil }
                if bytes.count >= head.upperBound + length {
                    return (String(words[1]), Data(bytes[head.upperBound..<(head.upperBound + length)]))
                }
            }
            let count = recv(connection, &part, part.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: part[..<count])
        }
    }
}
