import Foundation

/// A value of JSON.
package enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    package init(_ data: Data) throws {
        self = try JSONDecoder().decode(JSON.self, from: data)
    }

    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    package var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    package var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    package var whole: Int? {
        number.flatMap(Int.init(exactly:))
    }

    package var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    package var list: [JSON]? {
        guard case .list(let list) = self else { return nil }
        return list
    }

    package var members: [String: JSON] {
        guard case .object(let members) = self else { return [:] }
        return members
    }

    /// What a text is, where there is one.
    package static func of(_ text: String?) -> JSON {
        text.map(JSON.text) ?? .null
    }

    package static func of(_ whole: Int?) -> JSON {
        whole.map { .number(Double($0)) } ?? .null
    }

    package static func of(_ texts: [String]) -> JSON {
        .list(texts.map(JSON.text))
    }

    package var data: Data {
        get throws {
            try JSONEncoder().encode(self)
        }
    }
}

extension JSON: Codable {
    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSON].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .number(let number):
            if let whole = Int(exactly: number) { try value.encode(whole) } else { try value.encode(number) }
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let members): try value.encode(members)
        }
    }
}

/// Where what was found differs from what is expected of it, as sentences; what nothing is expected of is left alone.
package func differences(_ expected: JSON, _ found: JSON, within: String = "") -> [String] {
    expected.members.sorted { $0.key < $1.key }.flatMap { name, value -> [String] in
        let there = found[name]
        if case .object = value, let there, case .object = there {
            return differences(value, there, within: "\(within)\(name).")
        }
        return there == value ? [] : ["\(within)\(name) is \(shown(there)), expected \(shown(value))"]
    }
}

private func shown(_ value: JSON?) -> String {
    guard let value else { return "not there" }
    return (try? value.data).map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
}
