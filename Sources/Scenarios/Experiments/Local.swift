// Scenario 5 of the source documents.

extension Scenario {
    static let local = deletes(
        name: "local", title: "A map in a local variable, every key deleted", reference: .endsWithTheDeletes,
        published: [
            PublishedReadings(
                go: "1.14.9",
                readings: [
                    (161, 161, 69458, 0), (469, 484, 71440, 1), (158, 488, 71504, 2), (160, 491, 71504, 3),
                ])
        ],
        note:
            "A local variable that is not used again is dead: the collection after the last delete frees the map."
    )
}
