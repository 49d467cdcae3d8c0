// Tables that can be sorted: each of their heads becomes a button.

function makeSortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
        const arrow = element("span", { class: "arrow", "aria-hidden": "true" });
        const button = element("button", { type: "button", class: "sort" }, ...head.childNodes, arrow);
        head.append(button);
        button.addEventListener("click", () => {
            const ascending = head.getAttribute("aria-sort") !== "ascending";
            heads.forEach((other) => other.removeAttribute("aria-sort"));
            head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
            sortRows(table.tBodies[0], column, ascending);
        });
    });
}

function sortRows(body, column, ascending) {
    const keyed = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }));
    keyed.sort((a, b) => compared(a.key, b.key, ascending));
    body.append(...keyed.map(({ row }) => row));
}

// A cell's number before it was rounded, or else its text; null where it says that there is none.
function keyOf(cell) {
    const number = cell.querySelector("data");
    if (number) {
        return Number(number.value);
    }
    const text = cell.textContent.trim();
    return text === "" || text === "-" ? null : text;
}

// What is not known stands last, whichever way the rest is sorted.
function compared(a, b, ascending) {
    if (a === null || b === null) {
        return Number(a === null) - Number(b === null);
    }
    const isNumbers = typeof a === "number" && typeof b === "number";
    const order = isNumbers ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
    return ascending ? order : -order;
}
