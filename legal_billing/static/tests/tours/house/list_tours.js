import {firstRead} from "@legal_billing/common/strip";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Says which of these are cut off. */
function assertWhole(selector) {
    const cells = [...document.querySelectorAll(selector)];
    const cut = cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1);
    if (!cells.length || cut.length) {
        throw new Error(
            `${cells.length} seen, cut off: ${cut.map((cell) => cell.textContent)}`
        );
    }
}

tours.add("legal_billing_menu_first", {
    steps: () => [
        {trigger: ".o_legal_run_strip"},
        {
            content: "Billing's name and entries are in the bar",
            trigger: ".o_main_navbar:contains(Legal Billing):contains(Draft Bills)",
        },
    ],
});

tours.add("legal_billing_menu_of_core", {
    steps: () => [
        {trigger: ".o_action_manager .o_control_panel"},
        {
            content: "A page of core has none of billing's entries",
            trigger: ".o_main_navbar:not(:contains(Draft Bills))",
        },
    ],
});

tours.add("legal_billing_whole_numbers", {
    steps: () => [
        {trigger: ".o_list_view .o_data_row:contains(/2026/)"},
        {
            content: "Numbers are read whole",
            trigger: ".o_list_view",
            run: () =>
                assertWhole(
                    ".o_data_cell[name='display_name'], .o_data_cell[name='bill_label']"
                ),
        },
    ],
});

tours.add("legal_billing_whole_dates", {
    steps: () => [
        {trigger: ".o_data_cell[name='invoice_date']:contains(2024)"},
        {
            content: "Dates are read whole, the year of another one below if need be",
            trigger: ".o_list_view",
            run: () =>
                assertWhole(
                    ".o_data_cell.o_legal_date, .o_data_cell.o_legal_date .text-truncate"
                ),
        },
    ],
});

tours.add("legal_billing_whole_remarks", {
    steps: () => [
        {
            trigger: ".o_form_view button[name='action_open_lines']",
            run: "click",
        },
        {trigger: ".o_data_row .badge:contains(other payer)"},
        {
            content: "No pill is cut",
            trigger: ".o_list_view",
            run: () => assertWhole(".o_data_row .o_legal_flags .badge"),
        },
        {
            content: "All columns are on the page",
            trigger: ".o_list_view table",
            run: ({anchor}) => {
                const room = anchor.parentNode.clientWidth;
                if (anchor.offsetWidth > room + 1) {
                    throw new Error(`${anchor.offsetWidth} wide, ${room} there`);
                }
            },
        },
        {
            content: "The reason goes on below",
            trigger: ".o_data_row .o_legal_flag_text:contains(income account)",
            run: ({anchor}) => {
                if (anchor.scrollHeight > anchor.clientHeight + 1) {
                    throw new Error(`cut off: ${anchor.textContent}`);
                }
            },
        },
    ],
});

tours.add("legal_billing_first_read", {
    steps: () => [
        {
            content: "Made twice, a page asks once; later, it asks again",
            trigger: ".o_web_client",
            run: async () => {
                const asked = [];
                const call = (...args) =>
                    new Promise((done) => asked.push({args, done}));
                const env = {services: {orm: {call}}};
                const first = firstRead(env, "model", "read", [[1], []]);
                const second = firstRead(env, "model", "read", [[1], []]);
                const other = firstRead(env, "model", "read", [[2], []]);
                asked.forEach(({done}, index) => done(index));
                const answers = await Promise.all([first, second, other]);
                firstRead(env, "model", "read", [[1], []]);
                asked[2]?.done(2);
                if (`${answers}` !== "0,0,1" || asked.length !== 3) {
                    throw new Error(`${asked.length} calls, answers ${answers}`);
                }
            },
        },
    ],
});
