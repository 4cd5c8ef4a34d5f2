import GoMap
import HuskLab
import Testing

@Suite("Reading the map for its picture")
struct PictureTests {
    /// A lab whose map has so many rows that they take several slices.
    private func makeLargeLab() throws -> Lab { try makeLab("map[int]int", hint: 800_000) }

    private func replace(_ lab: Lab) {
        var replacement = Replacement()
        replacement.hint = 800_000
        #expect(throws: Never.self) { try lab.replace(with: replacement) }
    }

    @Test("A map that is replaced meanwhile is read again, as it is now")
    func again() throws {
        let lab = try makeLargeLab()
        var slices = 0
        let picture = try lab.picture(isCancelled: {
            slices += 1
            if slices == 1 {
                replace(lab)
                _ = lab.put("7", "7")
            }
            return false
        })
        guard case .cells(let cells, let oldCells) = picture.rows else {
            Issue.record("not read")
            return
        }
        #expect(slices > 1 && picture.sliceCount <= slices)
        #expect(cells.total?.full == 1 && oldCells.cells.isEmpty && picture.report.statistics.count == 1)
        #expect(cells.total?.rows == picture.report.statistics.bucket?.chains)
    }

    @Test("Reading a map that is replaced each time ends, and says that nothing has been read")
    func unread() throws {
        let lab = try makeLargeLab()
        var slices = 0
        let picture = try lab.picture(isCancelled: {
            slices += 1
            replace(lab)
            return false
        })
        guard case .unread = picture.rows else {
            Issue.record("read")
            return
        }
        #expect((2...20).contains(slices))
    }

    @Test("What is inserted meanwhile shows in the number of entries before and after")
    func counts() throws {
        let lab = try makeLargeLab()
        var slices = 0
        let picture = try lab.picture(isCancelled: {
            slices += 1
            _ = lab.put("\(slices)", "1")
            return false
        })
        #expect(picture.countBefore == 0 && picture.report.statistics.count == slices && slices > 0)
        #expect(picture.sliceCount == slices + 1)
    }

    @Test("A client that hangs up stops it")
    func cancelled() throws {
        let lab = try makeLargeLab()
        #expect(throws: LabError.cancelled) { try lab.picture(isCancelled: { true }) }
    }
}
