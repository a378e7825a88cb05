"""Matters and bills have channels from now on: those that their recipients and copies
stood for, so that nothing goes another way than it did."""

CHANNELS = """
    INSERT INTO {relation} ({record}, channel_id)
         SELECT record.id, channel.id
           FROM {table} record
           JOIN legal_bill_channel channel
             ON channel.code = 'email' AND EXISTS (
                    SELECT 1 FROM {recipients} recipient
                     WHERE recipient.{record} = record.id
                )
             OR channel.code = 'print' AND record.{copies} IN ('1', '2')
    ON CONFLICT DO NOTHING
"""


def migrate(cr, _version):
    cr.execute(
        CHANNELS.format(
            relation="legal_matter_bill_channel_rel",
            record="matter_id",
            table="project_project",
            recipients="legal_matter_bill_recipient_rel",
            copies="bill_print_copies",
        )
    )
    cr.execute(
        CHANNELS.format(
            relation="legal_bill_channel_rel",
            record="bill_id",
            table="account_move",
            recipients="legal_bill_recipient_rel",
            copies="print_copies",
        )
    )
