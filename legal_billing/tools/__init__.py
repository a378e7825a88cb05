"""Small helpers of models and windows, by what they are about."""

from .signs import (
    Sign,
    INTERNAL,
    IN_CRON,
    WHOLE_BILL,
    STATE_CHANGE,
    BILL_EMAIL,
    DELIVERY_LATER,
    BY_RULE,
    BY_SLIP,
    FROM_BOOKS,
    FROM_CHOICE,
    PAYERS_TOGETHER,
    WHOLE_SET,
    DROPPING,
    COLLECTION,
    is_from_books,
    CREDITING,
    is_internal,
    is_making_bills,
)
from .companies import (
    companies_fit,
)
from .text import (
    LARGEST_AMOUNT,
    given_values,
    read_amount,
    is_amount,
    is_number,
    read_date,
    read_reason,
    drop_nul,
    find_nul,
    FILE_NAME_LENGTH,
    NOT_IN_FILE_NAMES,
    MINUS,
    REFERENCE_BYTES,
    begin_small,
    format_amount,
    make_file_name,
    fit_reference,
    split_addresses,
)
from .domains import (
    read_domain,
)
from .days import (
    day_of,
)
from .paper import (
    keep_data_only,
)
from .paper_rows import (
    is_short,
    keep_numbers,
    split_rows,
)
from .sheet import Block, Column, Paper, Row, write_workbook
from .remittance_files import UnreadableFile, read_file
from .windows import (
    open_window,
    CLOSE_WINDOW,
    RELOAD_PAGE,
    notify,
)
from .elements import (
    BILL_ELEMENTS,
    DEFAULT_ELEMENT,
    DISBURSEMENT_ELEMENTS,
    ELEMENT_ORDER,
    ELEMENT_TONES,
    FEE_ELEMENTS,
    SCOPE_ELEMENTS,
    SECTIONS,
    get_element_labels,
    get_section_elements,
)
from .obstacles import Obstacle, Obstacles
from .held import describe_held
from .values import find_figures, is_changed
