// Where an axis has its ticks: at round numbers, from nothing to a little beyond the largest.

struct Axis: Equatable {
    /// What one of the axis's unit is: 1 second, 1 entry, 1,048,576 bytes.
    var unit: Double
    /// `MiB`, `s`; empty for a count.
    var unitName: String
    /// Between ticks, in units.
    var step: Double
    var tickCount: Int

    /// Where the axis ends, in what is measured.
    var end: Double { step * Double(tickCount) * unit }

    var ticks: [(value: Double, text: String)] {
        // As many decimals as tell the ticks apart.
        let decimals = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3
        return (0...tickCount).map { index in
            let number = Double(index) * step
            return (number * unit, decimals == 0 ? Numbers.count(Int(number)) : Numbers.decimal(number, decimals))
        }
    }

    /// - Parameters:
    ///   - largest: the largest value to be drawn.
    ///   - atMost: so many ticks besides the zero.
    init(largest: Double, unit: Double, unitName: String, atMost: Int) {
        self.unit = unit
        self.unitName = unitName
        let largest = max(largest / unit, 0.001)
        var power = 0.001
        while power * 10 * Double(atMost) < largest { power *= 10 }
        step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 * Double(atMost) >= largest } ?? power * 10
        tickCount = max(1, Int((largest / step - 1e-9).rounded(.up)))
    }

    static func seconds(_ largest: Double, atMost: Int) -> Axis {
        Axis(largest: largest, unit: 1, unitName: "s", atMost: atMost)
    }

    static func bytes(_ largest: Int, atMost: Int) -> Axis {
        let (unit, name) =
            largest < 1_048_576
            ? (1024.0, "KiB") : largest < 8 << 30 ? (1_048_576.0, "MiB") : (1_073_741_824.0, "GiB")
        return Axis(largest: Double(largest), unit: unit, unitName: name, atMost: atMost)
    }

    /// Of whole numbers: no tick lies between two of them.
    static func count(_ largest: Int, atMost: Int) -> Axis {
        Axis(largest: Double(max(largest, atMost)), unit: 1, unitName: "", atMost: atMost)
    }
}
