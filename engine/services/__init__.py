"""Verbs: one function, one transaction, one use case.

The modules by subject, one that stands nowhere fails in tests/test_architecture.py:

Joined once and asked by all
    office access permissions parameters holders people covers idempotency
A case, from filing to its end
    applications duplicates filing hand_overs told_above cases case_reading case_view documents
    paper_room
    messages inquiries notes related ratings follow_ups reopening tellings steps_said turns place_order
A step
    stepping casework writing completion forms known_days step_ends step_failure foresight
    foreseen upcoming waiting silence
Tasks and the inbox
    tasks task_access task_page task_view handover presence inbox_view inbox_order
    inbox_reach inbox_columns saved_filters search
Clocks and limits
    ledger clock_actions clock_entries clock_moves case_clocks pauses extensions passed_limits lights
    matter_dates whose_time lateness
Timers and jobs
    timers timer_firing duty daily_jobs jobs job_operations job_keeping training
The working calendar
    calendars calendar_editions calendar_changes calendar_drafts calendar_preview
    calendar_moves calendar_rows calendar_ties calendar_application calendar_entries calendar_letters
    calendar_moved calendar_sheet
Records and their reporting
    records record_import record_taking record_entry record_changes record_amendment
    record_clocks record_terms record_file grading rules registers reporting report_clocks
    report_lists report_sheet public_eligibility penalty_revocations
What other sites owe
    obligations obligation_rows site_checks site_lists site_notices site_work
    still_shown
Registers of their own
    certificates certificate_copies certificate_sheets certificates_of_bureaus commitments
    commitment_keeping commitment_sheets courses course_certificates course_papers
    deferral_register deferral_terms emergencies emergency_acts emergency_end
Letters
    letters letter_printing correspondence court_letters deferral_letters
What decision tables answered
    decisions decision_keeping decision_tables
Supervision
    supervision board board_pass standing places heat charts event_log closed_figures figures workload
    leave supervision_grounds supervision_notices supervision_sheets notice_reading
Told to people and programs
    notices notice_writing notice_delivery notice_sweeps light_notices webhooks
    webhook_telling webhook_delivery
Procedures and their versions
    procedures guides deployed deployments deploying deployment_decisions deployment_rule
    deployment_view folder_uploads modeling model_drafts model_previews model_skeletons
    vocabulary
Running cases onto another version
    migrations migration_batches migration_survey migration_views case_migration
What got stuck
    incidents incident_raising incident_repair incident_story case_trouble repair_plan
    token_moves
Accounts and signing in
    accounts account_log own_password passwords breached sign_ins sessions second_factors second_person
    single_sign_on tokens door_sweep
Numbers of people, and what is erased
    veils personal_data personal_texts retention retention_kinds retention_view case_erasure
History and its checks
    office_history system_history history_check history_checks history_export history_roots
    decision_check audit oracles row_oracles version_audit kept_files
What a service task may ask for
    operations
"""
