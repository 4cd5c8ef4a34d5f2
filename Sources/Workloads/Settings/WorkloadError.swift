/// What is wrong with what a workload was asked to be.
package struct WorkloadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The field's name in JSON.
    package var field: String
    /// To follow the field's name, as in "is out of range, expected 1 to 10".
    package var problem: String

    package init(_ field: String, _ problem: String) {
        self.field = field
        self.problem = problem
    }

    package var description: String { "\(field) \(problem)" }
}
