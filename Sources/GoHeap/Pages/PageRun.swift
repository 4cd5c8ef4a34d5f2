/// Consecutive pages.
struct PageRun: Equatable, Sendable {
    var page: Int
    var pageCount: Int
}
