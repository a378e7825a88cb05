"""Stored papers of approved bills, and print files, are guarded from now on."""


def migrate(cr, _version):
    cr.execute(
        """
        UPDATE ir_attachment paper
           SET legal_is_paper = true
          FROM account_move bill
         WHERE paper.res_model = 'account.move'
           AND paper.res_field = 'invoice_pdf_report_file'
           AND paper.res_id = bill.id
           AND bill.billing_stage IN ('production', 'finalized')
        """
    )
    cr.execute(
        """
        UPDATE ir_attachment paper
           SET legal_is_paper = true
          FROM legal_billing_run_line line
         WHERE line.print_file_id = paper.id
        """
    )
