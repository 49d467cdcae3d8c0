// Makes elements. Text stays text: nothing here reads markup.

function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
}

// A button that is on or off.
function toggle(children, isOn, onClick) {
    const made = element("button", { type: "button", "aria-pressed": String(isOn) }, ...children);
    made.addEventListener("click", onClick);
    return made;
}
