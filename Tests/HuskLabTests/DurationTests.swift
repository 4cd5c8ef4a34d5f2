import HuskLab
import Testing

@Suite struct DurationTests {
    @Test(
        "Reads what Go's time.ParseDuration reads",
        arguments: [
            ("0", 0), ("5s", 5_000_000_000), ("30s", 30_000_000_000), ("-5s", -5_000_000_000),
            ("+5s", 5_000_000_000),
            ("-0", 0), ("5.0s", 5_000_000_000), ("5.6s", 5_600_000_000), ("5.s", 5_000_000_000),
            (".5s", 500_000_000),
            ("1.004s", 1_004_000_000), ("100.00100s", 100_001_000_000), ("10ns", 10), ("11us", 11_000),
            ("12µs", 12_000), ("12μs", 12_000), ("13ms", 13_000_000), ("15m", 900_000_000_000),
            ("3h30m", 12_600_000_000_000),
            ("10.5s4m", 250_500_000_000), ("-2m3.4s", -123_400_000_000),
            ("39h9m14.425s", 140_954_425_000_000),
            ("0.3333333333333333333h", 1_200_000_000_000), ("9223372036854775807ns", Int64.max),
            ("-9223372036854775808ns", Int64.min), ("0.9223372036854775807h", 3_320_413_933_267),
            ("9007199254740993ns", 9_007_199_254_740_993), ("0.100000000000000000000h", 360_000_000_000),
        ])
    func parses(text: String, nanoseconds: Int64) {
        #expect(GoDuration(parsing: text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "Refuses what Go's time.ParseDuration refuses",
        arguments: [
            "", "3", "-", "s", ".", "-.", ".s", "+.s", "1d", "1 s", " 1s", "1s ", "0x1s", "--1s", "1e3s",
            "٣s", "1S",
            "3000000h", "9223372036854775808ns", "9223372036854775.808us", "-9223372036854775809ns", "1h1",
        ])
    func refuses(text: String) {
        #expect(GoDuration(parsing: text) == nil)
    }

    @Test(
        "Prints as Go does",
        arguments: [
            (0, "0s"), (1, "1ns"), (1_100, "1.1µs"), (2_200_000, "2.2ms"), (3_300_000_000, "3.3s"),
            (245_000_000_000, "4m5s"), (245_001_000_000, "4m5.001s"), (18_367_001_000_000, "5h6m7.001s"),
            (480_000_000_001, "8m0.000000001s"), (Int64.max, "2562047h47m16.854775807s"),
            (Int64.min, "-2562047h47m16.854775808s"), (-1_500_000_000, "-1.5s"), (120_000_000_000, "2m0s"),
        ])
    func prints(nanoseconds: Int64, text: String) {
        #expect(GoDuration(nanoseconds: nanoseconds).description == text)
        #expect(GoDuration(parsing: text)?.nanoseconds == nanoseconds)
    }
}
