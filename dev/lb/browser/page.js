// Put into each page before its own scripts: tells how long it took to be drawn.
(() => {
    const QUIET = 150;
    const LONGEST = 120000;
    const seen = {pending: 0, answered: 0, painted: 0};
    const now = () => performance.now();
    const later = (ms) => new Promise((done) => setTimeout(done, ms));

    // What the server is asked. Reloads of pages by a service worker are not counted.
    const {send} = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (...args) {
        seen.pending++;
        this.addEventListener("loadend", () => {
            seen.pending--;
            seen.answered = now();
        });
        return send.apply(this, args);
    };
    const fetchFirst = window.fetch;
    window.fetch = async (...args) => {
        seen.pending++;
        try {
            return await fetchFirst(...args);
        } finally {
            seen.pending--;
            seen.answered = now();
        }
    };

    // When what changed was on the screen: after the frame that shows it.
    let waiting = false;
    const paint = () => {
        waiting = false;
        const channel = new MessageChannel();
        channel.port1.onmessage = () => (seen.painted = now());
        channel.port2.postMessage(0);
    };
    new MutationObserver(() => {
        seen.changed = now();
        if (!waiting) {
            waiting = true;
            requestAnimationFrame(paint);
        }
    }).observe(document, {
        attributes: true,
        characterData: true,
        childList: true,
        subtree: true,
    });

    const quiet = async () => {
        const start = now();
        for (;;) {
            await later(10);
            const last = Math.max(seen.answered, seen.painted, seen.changed || 0);
            if (!seen.pending && !waiting && now() - Math.max(last, start) >= QUIET) {
                return;
            }
            if (now() - start > LONGEST) {
                throw new Error("The page never came to rest.");
            }
        }
    };

    const find = async (selector, within = document) => {
        const start = now();
        for (;;) {
            const found = within.querySelector(selector);
            if (found) {
                return found;
            }
            if (now() - start > 20000) {
                throw new Error(`There is no ${selector}.`);
            }
            await new Promise((done) => requestAnimationFrame(done));
        }
    };

    const type = (input, value) => {
        input.focus();
        input.value = value;
        for (const name of ["input", "change"]) {
            input.dispatchEvent(new Event(name, {bubbles: true}));
        }
    };

    window.lb = {
        quiet,
        find,
        type,
        get action() {
            return odoo.__WOWL_DEBUG__.root.env.services.action;
        },
        get orm() {
            return odoo.__WOWL_DEBUG__.root.env.services.orm;
        },
        open: (action, options) =>
            window.lb.action.doAction(action, {clearBreadcrumbs: true, ...options}),
        // A record as one opens it from its list
        form: (action, resId) =>
            window.lb.open(action, {viewType: "form", props: {resId}}),
        row: async (index) =>
            (await find(".o_data_row")) &&
            document.querySelectorAll(".o_list_renderer .o_data_row")[index],
        // A cell of a list is clicked, gets a value, and is left
        cell: async (row, name, value) => {
            const cell = await find(`td[name='${name}']`, row);
            cell.click();
            const input = await find(`td[name='${name}'] input`, row);
            type(input, value);
        },
        // A date shows as a button until it is clicked
        day: async (name, value) => {
            const field = await find(`.o_field_widget[name='${name}']`);
            const shown = field.querySelector("button");
            if (shown) {
                shown.focus();
            }
            type(await find("input", field), value);
        },
        discard: async () => {
            const button = document.querySelector(".o_form_button_cancel");
            if (button) {
                button.click();
                await quiet();
            }
        },
        settle: async (act) => {
            await act();
            await quiet();
        },
        // Milliseconds from here to the last paint, or answer if that came later
        time: async (act) => {
            await quiet();
            const start = now();
            await act();
            await quiet();
            return Math.max(seen.painted, seen.answered, start) - start;
        },
    };
})();
