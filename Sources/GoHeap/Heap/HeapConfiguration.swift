/// What a heap is made with; fixed for its life, but for `settings`.
package struct HeapConfiguration: Sendable {
    /// Which Go the heap behaves as.
    package let profile: GoProfile
    /// The settings at the start: the profile's own unless changed.
    package var settings: RuntimeSettings
    /// Address space to reserve, in bytes: the most that the heap can ever grow to. Costs nothing until used.
    package var reservedBytes = 256 << 30
    /// How many times as fast as the wall clock the runtime's clock runs, 1 or more: forced collections, scavenge periods
    /// and idle ages. What is measured in CPU time stays real.
    package var timeScale = 1.0
    /// Mark again with the world stopped before each sweep, and trap on a missed object (Go: `gccheckmark`).
    /// For tests: a second full trace with a set of its own.
    package var checksMarks = false
    /// Start a cycle at the safepoint that follows every so many allocations, and only there, whatever the pacer says;
    /// 0 = leave it to the pacer. For tests.
    package var stressPeriod = 0
    /// Bytes of stacks and globals that the heap's goal is to allow for. For tests that compare with a Go programme, which
    /// has some.
    package var otherScanBytes = 0

    package init(profile: GoProfile = .go1_23) {
        self.profile = profile
        settings = RuntimeSettings(profile: profile)
    }
}
