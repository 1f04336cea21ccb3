{% macro _build_objection(row, consumers, states, unfinished) %}
    {#- What stands there may not be what its own last build left; or a consumer was not built,
        successfully, after it, or not after a run began that may have built it again and never said so. -#}
    {%- set own = states.get(row['unique_id']) %}
    {%- if own is none or row['leftover'] and not own['built_as'] %}
        {%- do return('no build of it is recorded: it may be another\'s') %}
    {%- elif not row['leftover'] and own['status'] != 'success' %}
        {%- do return('its own last build is ' ~ own['status']) %}
    {%- endif %}
    {%- set built_as = 'table' if own['built_as'] == 'incremental' else own['built_as'] %}
    {%- if row['dropped_at'] and row['dropped_at'] >= (own['completed_at'] or '') %}
        {%- do return('was dropped at ' ~ row['dropped_at'] ~ ' and not built since: it may be another\'s') %}
    {%- elif row['elsewhere'] and row['elsewhere'][1] > (own['completed_at'] or '') %}
        {%- do return(row['elsewhere'] | join(' has built it since, at ')) %}
    {%- elif built_as in ('table', 'view') and row['type'] in ('table', 'view') and row['type'] != built_as %}
        {%- do return('is a ' ~ row['type'] ~ ', its last build a ' ~ built_as ~ ': it may be another\'s') %}
    {%- endif %}
    {%- for consumer in consumers['built'] %}
        {%- set state = states.get(consumer.unique_id) %}
        {%- if state is none %}
            {%- do return('no build of ' ~ consumer.name ~ ' is recorded') %}
        {%- elif state['status'] != 'success' %}
            {%- do return('the last build of ' ~ consumer.name ~ ' is ' ~ state['status']) %}
        {%- elif not row['leftover'] and not (
            own['completed_at'] and (state['started_at'] or '') >= own['completed_at']
        ) %}
            {%- do return(consumer.name ~ ' was not built after it') %}
        {%- elif not row['leftover'] and unfinished['newest'] and state['started_at'] < unfinished['newest'] %}
            {%- do return(
                consumer.name ~ ' was not built after the run that began at ' ~ unfinished['newest']
                ~ ' and has not ended'
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- do return('') %}
{%- endmacro %}


{% macro _test_objection(row, consumers, children, tests, states, result_rows) %}
    {#- A test of the relation or of a consumer: at the end of a run, one that has not passed in
        this run or, as before a retry, since what it tests was built; in an operation, one that
        has failed since then. -#}
    {%- for item in dbt_opsplugin._tests_of(row, consumers, children) %}
        {%- set result = tests.get(item['test'].unique_id) %}
        {%- set built_at = (states.get(item['of']) or {}).get('completed_at') or '' %}
        {%- set counts = result and (result['at'] is none or result['at'] >= built_at) %}
        {%- if result_rows and not (counts and (result['at'] is none or built_at)) %}
            {%- do return('test ' ~ item['test'].name ~ ' did not run') %}
        {%- elif counts and result['status'] not in ('pass', 'warn') %}
            {%- do return(
                'the last result of test ' ~ item['test'].name ~ ' is ' ~ result['status']
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- do return('') %}
{%- endmacro %}
