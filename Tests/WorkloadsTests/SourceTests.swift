import GoMap
import HuskLab
import Testing
import Workloads

/// The workloads of these tests: each kind, and what changes which keys it picks.
let samples: [(name: String, kind: Workload.Kind, fields: KeyValuePairs<String, WorkloadValue>)] = [
    ("partial-update", .partialUpdate, ["live": .integer(3_000), "readsPerWrite": .number(0.7)]),
    (
        "partial-update, random, half new", .partialUpdate,
        [
            "live": .integer(3_000), "victim": .text("random"), "drift": .number(0.5), "readsPerWrite": .integer(2),
            "reads": .text("zipf"),
        ]
    ),
    ("partial-update, all overwritten", .partialUpdate, ["live": .integer(2_000), "drift": .integer(0)]),
    ("partial-update, all replaced", .partialUpdate, ["live": .integer(700), "updateFraction": .integer(1)]),
    ("churn", .churn, ["live": .integer(2_500), "readsPerWrite": .number(0.3)]),
    (
        "churn, random", .churn,
        ["live": .integer(2_500), "victim": .text("random"), "readsPerWrite": .integer(1), "reads": .text("zipf")]
    ),
    (
        "ttl", .ttl,
        [
            "live": .integer(2_000), "ttl": .text("10m"), "day": .text("1h"), "wave": .number(0.9),
            "readsPerWrite": .integer(1), "reads": .text("zipf"),
        ]
    ),
    ("ttl, full wave", .ttl, ["live": .integer(800), "ttl": .text("10m"), "day": .text("30m"), "wave": .integer(1)]),
    ("leak", .leak, ["size": .integer(35_000), "live": .integer(10), "readsPerWrite": .number(0.1)]),
]

@Suite("The operations of a workload")
struct SourceTests {
    private static let type = MapTypeName(key: .string, value: .bytes)

    private func rounds(_ workload: Workload, _ count: Int, limit: Int = OperationBatch.capacity) throws
        -> [[PlainOperation]]
    {
        let source = try workload.makeSource(for: Self.type)
        return try (0...count).map { _ in try source.takeRound(Self.type, limit: limit) }
    }

    @Test("The same seed makes the same operations, however few are asked for at a time", arguments: samples.indices)
    func sameSeed(index: Int) throws {
        let (name, kind, fields) = samples[index]
        let workload = try workload(kind, fields)
        let first = try rounds(workload, 3)
        #expect(try rounds(workload, 3) == first, "\(name)")
        #expect(try rounds(workload, 3, limit: 1) == first, "\(name)")
        #expect(first[0].allSatisfy { $0.kind == .set }, "\(name): the fill is inserts")
        for round in first[1...] { #expect(!round.isEmpty, "\(name)") }
    }

    @Test("Another seed makes others")
    func otherSeed() throws {
        for victim in ["oldest", "random"] {
            let fields: KeyValuePairs<String, WorkloadValue> = [
                "live": .integer(1_000), "victim": .text(victim), "readsPerWrite": .integer(1), "seed": .integer(2),
            ]
            var workload = try workload(.partialUpdate, fields)
            let second = try rounds(workload, 2)
            workload.seed = 1
            #expect(try rounds(workload, 2) != second)
        }
    }

    @Test("A round replaces so many keys once each, and of those so many are new")
    func fractions() throws {
        for victim in ["oldest", "random"] {
            let workload = try workload(
                .partialUpdate,
                [
                    "live": .integer(10_000), "updateFraction": .number(0.3), "drift": .number(0.25),
                    "victim": .text(victim),
                ])
            let rounds = try rounds(workload, 4)
            var live = Set(rounds[0].map(\.key))
            for round in rounds[1...] {
                let deleted = Set(round.lazy.filter { $0.kind == .delete }.map(\.key))
                let new = Set(round.lazy.filter { $0.kind == .set && !live.contains($0.key) }.map(\.key))
                let overwritten = Set(round.lazy.filter { $0.kind == .set && live.contains($0.key) }.map(\.key))
                #expect(round.count == 750 + 750 + 2_250)
                #expect(deleted.count == 750 && new.count == 750 && overwritten.count == 2_250)
                #expect(deleted.isSubset(of: live) && deleted.isDisjoint(with: overwritten))
                live.subtract(deleted)
                live.formUnion(new)
                #expect(live.count == 10_000)
            }
        }
    }

    @Test("Zipf reads ask for a few keys most of the time, uniform ones for all alike")
    func skew() throws {
        for (reads, share) in [("zipf", 0.3...0.8), ("uniform", 0.05...0.15)] {
            let workload = try workload(
                .partialUpdate,
                [
                    "live": .integer(1_000), "drift": .integer(0), "readsPerWrite": .integer(500),
                    "reads": .text(reads), "updateFraction": .number(0.1),
                ])
            let round = try rounds(workload, 1)[1].filter { $0.kind == .getOrLoad }
            #expect(round.count == 50_000)
            let counts = Dictionary(grouping: round, by: \.key).values.map(\.count).sorted(by: >)
            let ofTenth = Double(counts.prefix(100).reduce(0, +)) / Double(round.count)
            #expect(share.contains(ofTenth) || reads == "zipf" && ofTenth > 0.5, "\(reads): \(ofTenth)")
            #expect(counts.count > 900)
        }
    }

    @Test("Arrivals of ttl follow the wave, and every key lives for a ttl")
    func wave() throws {
        let workload = try workload(
            .ttl, ["live": .integer(5_000), "ttl": .text("1h"), "day": .text("10h"), "wave": .number(0.8)])
        #expect(workload.rounds == 100)
        let source = try workload.makeSource(for: Self.type)
        var arrivals: [Int] = []
        var arrivalRound: [String: Int] = [:]
        for round in 0...100 {
            let operations = try source.takeRound(Self.type)
            arrivals.append(operations.count { $0.kind == .set })
            for operation in operations {
                if operation.kind == .set {
                    arrivalRound[operation.key] = round
                } else if let arrived = arrivalRound[operation.key], arrived > 0 {
                    #expect((9...11).contains(round - arrived))
                }
            }
        }
        #expect(source.simulatedSeconds == 36_000)
        // A quarter of the day in, they are 1.8 times the mean of 500 a tenth of an hour; three quarters in, 0.2 times.
        #expect((880...905).contains(arrivals[25]))
        #expect((95...120).contains(arrivals[75]))
        #expect((49_900...50_100).contains(arrivals[1...].reduce(0, +)))
    }

    @Test("Keys that do not fit the map's type are refused, those that come later when they come")
    func misfits() throws {
        let type = MapTypeName(key: .array(4), value: .int)
        #expect(throws: SourceError.self) { try workload(.leak, ["live": .integer(10_000)]).makeSource(for: type) }
        #expect(throws: SourceError.self) {
            try workload(.leak, ["keyDigits": .integer(4)]).makeSource(for: type)
        }
        let source = try workload(.leak, ["size": .integer(2_000)]).makeSource(for: type)
        _ = try source.takeRound(type)
        #expect(throws: SourceError("the prefix and 4 digits do not fit into a [4]byte key")) {
            try source.takeRound(type)
        }
    }

    @Test("Keys are padded with zeros")
    func keyDigits() throws {
        let workload = try workload(
            .leak,
            [
                "size": .integer(12), "keyDigits": .integer(6), "prefix": .text("key-"), "valueBytes": .integer(20),
            ])
        let source = try workload.makeSource(for: Self.type)
        _ = try source.takeRound(Self.type)
        let round = try source.takeRound(Self.type)
        #expect(round.first?.key == "key-000000" && round.last?.key == "key-000011")
        #expect(round.last?.value == "12..................")
    }
}
