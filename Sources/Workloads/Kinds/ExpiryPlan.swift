// ttl: keys arrive, live for so long, and are deleted. Arrivals follow a wave of a day's length around their mean:
//
//     rate(t) = mean × (1 + wave × sin(2πt / day))          mean = live / ttl
//
// Which key arrives when follows from the integral of that, and so does when it expires: nothing is kept of a single key. The
// map is filled with the arrivals of one ttl before the time 0. A round is a tenth of the ttl.
//
// The clock: with `rate` it is the wall's, and `rate` is the mean. Without, it is that of the operations: they come as fast as
// they can, and time is what has passed when so many keys have arrived. Then nothing of it depends on the machine.

import Glibc

struct ExpiryPlan: WritePlan {
    let keys: LiveKeys
    private let mean: Double
    private let ttl: Double
    private let day: Double
    private let wave: Double
    private let isSimulated: Bool
    /// Seconds of the clock up to which all is in `arrivals` and `expiries`.
    private var time = 0.0
    /// Ends of rounds so far.
    private var rounds = -1
    /// Of the stretch that is under way: what is left, and what there was.
    private var arrivals = 0
    private var expiries = 0
    private var balance = 0
    private var stretch = (arrivals: 0, expiries: 0)

    /// A round is cut into so many stretches, in each of which arrivals and expiries alternate evenly.
    private static let stretchesPerRound = 64.0
    /// How often the wall's clock is looked at.
    private static let lookSeconds = 0.002

    init(_ workload: Workload) {
        ttl = Double(workload.ttlNanoseconds) / 1e9
        day = Double(workload.dayNanoseconds) / 1e9
        wave = workload.wave
        mean = Double(workload.live) / ttl
        isSimulated = workload.isClockSimulated
        keys = LiveKeys(slotCount: workload.live, hasTable: false)
        // The fill.
        begin(arrivals: arrived(by: 0), expiries: 0)
    }

    var simulatedSeconds: Double? { isSimulated ? time : nil }

    mutating func next(_ seconds: Double) -> WriteStep {
        while true {
            if let write = nextOfStretch() { return write }
            let roundEnd = Double(rounds + 1) * ttl / Double(Workload.roundsPerLife)
            if time >= roundEnd {
                rounds += 1
                return .roundEnds
            }
            let look = ttl / Double(Workload.roundsPerLife) / Self.stretchesPerRound
            if !isSimulated, seconds <= time { return .waits(untilSeconds: time + Self.lookSeconds) }
            time = min(roundEnd, isSimulated ? time + look : seconds)
            begin(arrivals: arrived(by: time) - keys.end, expiries: arrived(by: time - ttl) - keys.first)
        }
    }

    private mutating func begin(arrivals: Int, expiries: Int) {
        self.arrivals = max(0, arrivals)
        self.expiries = max(0, expiries)
        stretch = (self.arrivals, self.expiries)
        balance = 0
    }

    /// Arrivals and expiries in proportion to how many there are of each.
    private mutating func nextOfStretch() -> WriteStep? {
        if arrivals > 0, expiries == 0 || balance <= 0 {
            arrivals -= 1
            balance += stretch.expiries
            keys.end += 1
            return .set(keys.end - 1)
        }
        guard expiries > 0 else { return nil }
        expiries -= 1
        balance -= stretch.arrivals
        keys.first += 1
        return .delete(keys.first - 1)
    }

    /// How many keys have arrived from one ttl before the time 0 until a time, in seconds.
    private func arrived(by time: Double) -> Int {
        let full = 2 * Double.pi / day
        let waves = wave / full * (cos(full * -ttl) - cos(full * time))
        return Int(max(0, mean * (time + ttl + waves)))
    }
}
