import Foundation
import LipiaTesting
import Testing

/// Plays every story of `core/scenarios`: the same stories that every other language plays.
@Suite(.serialized) struct ScenarioTests {
    /// How many stories each file had when this was last looked at.
    static let least = [
        "pushes": 31, "input": 13, "tokens": 14, "outcomes": 39, "callbacks": 31, "waits": 18, "gateways": 43,
        "queries": 4,
    ]
    /// How many stories are played at a time. Each has a sandbox of its own, and most of it is waiting.
    static let atATime = 6

    @Test func noStoryIsLost() throws {
        let names = try Repository.names(in: "scenarios").filter { $0.hasSuffix(".json") }
        #expect(names == ScenarioTests.least.keys.map { "\($0).json" }.sorted())
        for (file, least) in ScenarioTests.least {
            let stories = try ScenarioTests.stories(file)
            #expect(stories.count >= least, "\(file) has lost stories")
            #expect(Set(stories.map { $0["name"]?.text }).count == stories.count)
        }
    }

    @Test(arguments: least.keys.sorted()) func aStoryComesOutAsTold(file: String) async throws {
        let waiting = Guarded(try ScenarioTests.stories(file))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<ScenarioTests.atATime {
                group.addTask {
                    while let story = waiting.with({ $0.popLast() }) {
                        do {
                            try await play(story)
                        } catch {
                            Issue.record("\(file): \(story["name"]?.text ?? ""): \(error)")
                        }
                    }
                }
            }
        }
    }

    static func stories(_ file: String) throws -> [JSON] {
        try JSON(Repository.core("scenarios/\(file).json")).list ?? []
    }
}
