// Scenario 3 of the source documents.

extension Scenario {
    static let functionDelete = deletes(
        name: "function-delete", title: "A global map filled and deleted inside a function that has returned",
        reference: .stays,
        published: [
            PublishedReadings(
                go: "1.14.9",
                readings: [
                    (161, 161, 69458, 0), (469, 484, 71440, 1), (471, 488, 71504, 2), (473, 492, 71504, 3),
                ])
        ],
        note:
            "That the function has returned makes no difference: the map is a global's, and a global is always a root."
    )
}
