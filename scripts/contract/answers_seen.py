"""Which (method, path, status) of the document have been seen, kept in a file so that two processes can add to it."""

import collections

# What no well-behaved run can bring about: 408 is for a client that does not come on, 503 for a server that is stopping, or at
# its limits.
NOT_WALKED = {408, 503}
# Jobs that are over before anybody can cancel them.
SHORT_JOBS = {"/gc", "/free-memory", "/map/layout.svg", "/memory", "/size"}


class Coverage:
    def __init__(self, path):
        self.path = path

    def add(self, method, path, status):
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(f"{method} {path} {status}\n")

    def counts(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                rows = [line.split() for line in file]
        except FileNotFoundError:
            return collections.Counter()
        return collections.Counter((method, path, int(status)) for method, path, status in rows)

    def table(self, document):
        """The lines to print, and what is wrong: stated answers that were never seen, and seen ones that are not stated."""
        counts = self.counts()
        lines, faults = [], []
        for method, path in document.operations():
            cells = []
            for status in document.statuses(method, path):
                count = counts[method, path, status]
                if status == 405:
                    # Another method's answer, so it belongs to the path.
                    count = sum(n for (_, at, code), n in counts.items() if (at, code) == (path, 405))
                if count == 0 and (status in NOT_WALKED or status == 409 and path in SHORT_JOBS):
                    cells.append(f"{status}:-")
                    continue
                cells.append(f"{status}:{count}")
                if count == 0:
                    faults.append(f"{method} {path} {status} is stated and was never seen")
            lines.append(f"{method:6} {path:24} {' '.join(cells)}")
        operations = set(document.operations())
        for (method, path, status), count in sorted(counts.items()):
            # Other methods are answered 405, which belongs to the path.
            stated = document.statuses(method, path) if (method, path) in operations else [405]
            if status not in stated:
                faults.append(f"{method} {path} {status} was seen {count} times and is not stated")
        return lines, faults
