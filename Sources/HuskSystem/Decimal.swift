/// Writes a number in decimal.
///
/// - Parameters:
///   - number: which.
///   - destination: room for 20 bytes.
/// - Returns: how many digits there are.
// PERF: inlined, for ranges of string keys write one or two for each entry: a call is 2% of an insert.
@inlinable @inline(__always)
package func writeDecimal(_ number: UInt64, at destination: UnsafeMutableRawPointer) -> Int {
    var digits = 1
    var bound: UInt64 = 10
    // The last bound, 10^20, overflows, and is not looked at.
    while digits < 20 && number >= bound {
        digits &+= 1
        bound = bound &* 10
    }
    var rest = number
    var position = digits
    while position > 0 {
        position &-= 1
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        let character = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)
        destination.storeBytes(of: character, toByteOffset: position, as: UInt8.self)
        rest = quotient
    }
    return digits
}
