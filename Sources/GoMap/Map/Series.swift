// Functions of analysis, by their series: no Foundation for one number.

enum Series {
    /// e to the power of `x`, for small x.
    static func exponential(of x: Double) -> Double {
        // e^x = (e^(x/64))^64, and seven terms of the series suffice there.
        let small = x / 64
        var term = 1.0
        var sum = 1.0
        for index in 1...9 {
            term *= small / Double(index)
            sum += term
        }
        for _ in 0..<6 { sum *= sum }
        return sum
    }
}
