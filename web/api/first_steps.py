"""From a token to a completed task: what the document of the API opens with."""

FIRST_STEPS = """
## First steps

From nothing to a filed case and its first completed task, with `curl` and `jq`. In a training installation
(password `kunxin-demo`) these lines work as they stand; elsewhere ask the office for an account of your own.

1. A token of 12 hours. For a program that stays, make one on the page of your account, with the scopes it needs.

        A=http://127.0.0.1:8000/api/v1
        T=$(curl -s $A/tokens --json '{"username": "mulan", "password": "kunxin-demo"}' | jq -r .token)

2. Who am I, and which records may be repaired today? `earliest_on` says from when on, `missing` which papers
   are wanted.

        ME=$(curl -s $A/me -H "Authorization: Bearer $T" | jq -r .subject)
        curl -s "$A/eligibility?subject=$ME" -H "Authorization: Bearer $T" |
          jq '.items[] | {id, number, outcome: .eligibility.outcome, on: .earliest_on}'
        R=$(curl -s "$A/eligibility?subject=$ME" -H "Authorization: Bearer $T" |
          jq -r 'first(.items[] | select(.eligibility.outcome == "eligible")).id')

3. What the application asks, as JSON Schema. `oneOf` lists what may be chosen, `x-title-en` is the question in English.

        curl -s $A/procedures/credit_repair/form -H "Authorization: Bearer $T" | jq '.required, .properties'

4. File it. 201 tells the number and the query code; 422 tells in `fields` what is wrong, question by question. The
   same `Idempotency-Key` never files twice.

        N=$(curl -s $A/cases -H "Authorization: Bearer $T" -H "Idempotency-Key: my-own-0001" --json '{
          "procedure": "credit_repair", "subject": "'$ME'", "records": ["'$R'"],
          "answers": {"representative": "legal_representative", "handler_name": "陈一苇",
            "handler_phone": "0512-57000016", "performed_on": "2019-12-20",
            "account": "罚款已缴清，包装标识已经改正并复查合格", "epidemic_cause": "no",
            "electronic_service": true, "commitment": true}}' | jq -r .number)

5. Who has it, since when, until when? `waiting` says it in both languages, `clocks` day by day.

        curl -s $A/cases/$N -H "Authorization: Bearer $T" | jq '.waiting[0].sentence, .decide_by'

6. The office's side: the window finds the task among those of its group, takes it, reads what is asked, answers.

        W=$(curl -s $A/tokens --json '{"username": "wangfang", "password": "kunxin-demo"}' | jq -r .token)
        K=$(curl -s "$A/tasks?scope=group&q=$N" -H "Authorization: Bearer $W" | jq -r '.items[0].id')
        curl -s -X POST $A/tasks/$K/claim -H "Authorization: Bearer $W"
        curl -s $A/tasks/$K/form -H "Authorization: Bearer $W" | jq '.required, .properties.acceptance.oneOf'
        curl -s $A/tasks/$K/complete -H "Authorization: Bearer $W" --json '{"answers": {"acceptance": "accept"}}'

7. What happened, and the public's view with number and query code, without any token:

        curl -s $A/cases/$N/history -H "Authorization: Bearer $T" | jq '.items[].title.en'
        curl -s "$A/track/$N?code=THE-QUERY-CODE"

Programs are told of progress by webhooks (`POST /webhooks`), signed; they need not ask again and again.
"""
