// Ranks by popularity, as caches see their keys asked for: the k-th is drawn with a probability in proportion to k^−0.99 (the
// exponent of the YCSB benchmark).
//
// By rejection and inversion, which takes no table and no sum over all ranks: W. Hörmann and G. Derflinger, Rejection-inversion
// to generate variates from monotone discrete distributions, 1996. `area` is the integral of x^−0.99.

import Glibc

struct ZipfRanks {
    private static let exponent = 0.99

    private let count: Int
    private let lowestArea: Double
    private let highestArea: Double
    private let sureDistance: Double

    /// - Parameter count: how many ranks; 1 or more.
    init(count: Int) {
        self.count = count
        lowestArea = Self.area(1.5) - 1
        highestArea = Self.area(Double(count) + 0.5)
        sureDistance = 2 - Self.inverse(Self.area(2.5) - Self.density(2))
    }

    /// A rank from 0, the most popular, to less than `count`.
    func draw(_ random: inout SeededRandom) -> Int {
        while true {
            let area = highestArea + random.fraction() * (lowestArea - highestArea)
            let place = Self.inverse(area)
            let rank = min(max(1, place.rounded()), Double(count))
            if rank - place <= sureDistance || area >= Self.area(rank + 0.5) - Self.density(rank) {
                return Int(rank) - 1
            }
        }
    }

    private static func density(_ place: Double) -> Double { exp(-exponent * log(place)) }

    private static func area(_ place: Double) -> Double {
        expm1((1 - exponent) * log(place)) / (1 - exponent)
    }

    private static func inverse(_ area: Double) -> Double { exp(log1p((1 - exponent) * area) / (1 - exponent)) }
}
