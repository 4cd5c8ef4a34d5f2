import Foundation
import HuskSystem

/// The seed of this run's random tests: from `HUSK_TEST_SEED`, else from the clock. What fails prints it.
package let testSeed: UInt64 = {
    let given = ProcessInfo.processInfo.environment["HUSK_TEST_SEED"].flatMap(UInt64.init)
    return given ?? UInt64(Date().timeIntervalSince1970 * 1000) & 0xFFFF_FFFF
}()

/// The random numbers of a test, which a run can have again.
package struct SeededGenerator: RandomNumberGenerator {
    package let seed: UInt64
    private var numbers: SplitMix64

    package init(seed: UInt64 = testSeed) {
        self.seed = seed
        numbers = SplitMix64(seed: seed)
    }

    package mutating func next() -> UInt64 { numbers.next() }

    /// A number from 0 to `limit` - 1.
    package mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
