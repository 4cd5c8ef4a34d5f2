import GoMap
import HuskLab
import Testing
import Workloads

@Suite("The fields of a workload")
struct FieldTests {
    @Test("What is left out has its default, and null is as if it were left out")
    func defaults() throws {
        let update = try workload(.partialUpdate)
        #expect(update.live == 100_000 && update.updateFraction == 0.2 && update.drift == 1 && update.rounds == 20)
        #expect(update.replacedKeys == 20_000 && update.rate == nil && update.durationNanoseconds == nil)
        #expect(try workload(.partialUpdate, ["rounds": .null, "duration": .null, "rate": .null]) == update)
        #expect(try workload(.churn, ["duration": .text("3s")]).rounds == nil)
        #expect(try workload(.churn, ["duration": .text("3s"), "rounds": .integer(7)]).rounds == 7)
        #expect(try workload(.ttl).rounds == 240)
        let leak = try workload(.leak, ["size": .integer(25_000)])
        #expect(leak.live == 0 && leak.rounds == 3)
        #expect(try workload(.leak, ["duration": .text("1s"), "rounds": .integer(2)]).rounds == 2)
    }

    @Test("A ttl with a rate has rate x ttl keys, on the wall's clock")
    func clocks() throws {
        let paced = try workload(.ttl, ["rate": .integer(1_000), "ttl": .text("2m")])
        #expect(paced.live == 120_000 && !paced.isClockSimulated)
        #expect(try workload(.ttl).isClockSimulated)
    }

    private static let wrong: [(fields: KeyValuePairs<String, WorkloadValue>, field: String)] = [
        ([:], "kind"),
        (["kind": .text("partial")], "kind"),
        (["kind": .integer(1)], "kind"),
        (["kind": .null], "kind"),
        (["kind": .text("churn"), "lives": .integer(1)], "lives"),
        (["kind": .text("churn"), "drift": .integer(1)], "drift"),
        (["kind": .text("partial-update"), "ttl": .text("1m")], "ttl"),
        (["kind": .text("partial-update"), "size": .integer(1)], "size"),
        (["kind": .text("leak"), "updateFraction": .number(0.1)], "updateFraction"),
        (["kind": .text("churn"), "live": .integer(0)], "live"),
        (["kind": .text("churn"), "live": .integer(-1)], "live"),
        (["kind": .text("churn"), "live": .integer(1_000_000_001)], "live"),
        (["kind": .text("churn"), "live": .number(1.5)], "live"),
        (["kind": .text("churn"), "live": .text("1")], "live"),
        (["kind": .text("churn"), "live": .null], "live"),
        (["kind": .text("churn"), "live": .other("an array")], "live"),
        (["kind": .text("churn"), "live": .other("a number of more than 64 bits")], "live"),
        (["kind": .text("churn"), "updateFraction": .integer(0)], "updateFraction"),
        (["kind": .text("churn"), "updateFraction": .number(1.01)], "updateFraction"),
        (["kind": .text("churn"), "updateFraction": .number(.nan)], "updateFraction"),
        (["kind": .text("churn"), "updateFraction": .number(-0.1)], "updateFraction"),
        (["kind": .text("partial-update"), "drift": .number(.infinity)], "drift"),
        (["kind": .text("churn"), "victim": .text("newest")], "victim"),
        (["kind": .text("churn"), "reads": .text("pareto")], "reads"),
        (["kind": .text("churn"), "readsPerWrite": .integer(-1)], "readsPerWrite"),
        (["kind": .text("churn"), "readsPerWrite": .number(1e9)], "readsPerWrite"),
        (["kind": .text("ttl"), "ttl": .text("0s")], "ttl"),
        (["kind": .text("ttl"), "ttl": .text("-5s")], "ttl"),
        (["kind": .text("ttl"), "ttl": .text("1 hour")], "ttl"),
        (["kind": .text("ttl"), "ttl": .integer(5)], "ttl"),
        (["kind": .text("ttl"), "day": .text("9000h")], "day"),
        (["kind": .text("ttl"), "wave": .number(1.1)], "wave"),
        (["kind": .text("ttl"), "rate": .integer(5), "live": .integer(5)], "live"),
        (["kind": .text("ttl"), "rate": .number(0.0001), "ttl": .text("1s")], "rate"),
        (["kind": .text("ttl"), "rate": .integer(1_000_000_000)], "rate"),
        (["kind": .text("leak"), "size": .integer(0)], "size"),
        (["kind": .text("leak"), "size": .integer(10), "live": .integer(10)], "size"),
        (["kind": .text("churn"), "rounds": .integer(0)], "rounds"),
        (["kind": .text("churn"), "rounds": .integer(.max)], "rounds"),
        (["kind": .text("churn"), "duration": .text("0s")], "duration"),
        (["kind": .text("churn"), "duration": .text("300000h")], "duration"),
        (["kind": .text("churn"), "rate": .integer(0)], "rate"),
        (["kind": .text("churn"), "rate": .integer(-5)], "rate"),
        (["kind": .text("churn"), "rate": .number(.nan)], "rate"),
        (["kind": .text("churn"), "interval": .text("-1s")], "interval"),
        (["kind": .text("churn"), "seed": .integer(-1)], "seed"),
        (["kind": .text("churn"), "valueBytes": .integer(1 << 21)], "valueBytes"),
        (["kind": .text("churn"), "prefix": .text(String(repeating: "k", count: 257))], "prefix"),
        (["kind": .text("churn"), "prefix": .integer(5)], "prefix"),
        (["kind": .text("churn"), "keyDigits": .integer(41)], "keyDigits"),
    ]

    @Test("Whatever is wrong, the field is named", arguments: wrong.indices)
    func wrongValues(index: Int) throws {
        let (fields, name) = Self.wrong[index]
        let error = #expect(throws: WorkloadError.self, "\(fields)") {
            try Workload(given: fields.map { ($0.key, $0.value) })
        }
        #expect(error?.field == name, "\(fields): \(String(describing: error))")
    }

    @Test("A workload's fields read the same again")
    func roundTrip() throws {
        for (name, kind, fields) in samples {
            let workload = try workload(kind, fields)
            var given: [(name: String, value: WorkloadValue)] = [("kind", .text(kind.rawValue))]
            for field in WorkloadField.all where field.kinds.contains(kind) {
                given.append((field.name, field.value(workload)))
            }
            #expect(try Workload(given: given) == workload, "\(name)")
        }
    }
}
