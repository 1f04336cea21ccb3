{% macro report_runs(limit=10) %}
    {%- do dbt_opsplugin._validate_arguments('report_runs', kwargs, ['limit']) %}
    {%- if limit is boolean or limit is not integer or limit < 1 %}
        {%- do dbt_opsplugin._fail(
            'report_runs', 'limit is ' ~ (limit | string) ~ ', not a number of runs', 'use 1 or more'
        ) %}
    {%- endif %}
    {%- if execute %}
        {%- do dbt_opsplugin._report(dbt_opsplugin._rows_for_report(
            'ops_runs', dbt_opsplugin._run_columns(),
            'order by started_at desc ' ~ dbt_opsplugin._form('first_rows', limit | string)
        )) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro report_status() %}
    {#- The last run of every environment of this project, and what failed in those. -#}
    {%- do dbt_opsplugin._validate_arguments('report_status', kwargs, []) %}
    {%- if execute %}
        {%- set rows = [] %}
        {%- for run in dbt_opsplugin._rows_for_report(
            'ops_latest_runs', dbt_opsplugin._run_columns(),
            'where project_name = ' ~ dbt_opsplugin.literal(project_name) ~ ' order by started_at desc'
        ) %}
            {%- do rows.append({'run': run}) %}
        {%- endfor %}
        {%- for failure in dbt_opsplugin._rows_for_report(
            'ops_failures',
            ['project_name', 'target_name', 'unique_id', 'status', 'failures', 'message', 'invocation_id'],
            'where invocation_id in (select invocation_id from '
                ~ dbt_opsplugin.ops_relation('ops_latest_runs') ~ ' where project_name = '
                ~ dbt_opsplugin.literal(project_name) ~ ') order by unique_id'
        ) %}
            {%- do rows.append({'failure': failure}) %}
        {%- endfor %}
        {%- do dbt_opsplugin._report(rows) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _run_columns() %}
    {%- do return([
        'invocation_id', 'command', 'status', 'project_name', 'target_name', 'started_at',
        'completed_at', 'elapsed_time', 'node_count', 'success_count', 'warn_count', 'error_count',
        'skipped_count', 'message', 'git_sha', 'git_branch', 'orchestrator_run_id',
        'orchestrator_url', 'dbt_version', 'package_version'
    ]) %}
{%- endmacro %}


{% macro _rows_for_report(relation, columns, rest) %}
    {#- Rows as dicts of JSON values; none where the tables have not been made yet. -#}
    {%- set numbers = ['elapsed_time'] %}
    {%- set times = ['started_at', 'completed_at'] %}
    {%- set counts = ['failures', 'node_count', 'success_count', 'warn_count', 'error_count', 'skipped_count'] %}
    {%- set rows = [] %}
    {%- if relation in dbt_opsplugin._existing_ops_columns() %}
        {%- set selected = [] %}
        {%- for column in columns %}
            {%- do selected.append(
                column if column in numbers + counts
                else dbt_opsplugin._time_text(column) if column in times
                else 'cast(' ~ column ~ ' as ' ~ dbt_opsplugin.engine_facts()['types']['string'] ~ ')'
            ) %}
        {%- endfor %}
        {%- for values in dbt_opsplugin.query_rows(
            'select ' ~ selected | join(', ') ~ ' from ' ~ dbt_opsplugin.ops_relation(relation) ~ ' ' ~ rest
        ) %}
            {%- set row = {} %}
            {%- for column in columns %}
                {%- set value = values[loop.index0] %}
                {%- if value is not none and column in counts %}
                    {%- set value = value | int %}
                {%- elif value is not none and column in numbers %}
                    {%- set value = value | float %}
                {%- endif %}
                {%- do row.update({column: value}) %}
            {%- endfor %}
            {%- do rows.append(row) %}
        {%- endfor %}
    {%- endif %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro _report(rows) %}
    {#- The command line reads this line from dbt's events. -#}
    {%- do log('dbt_opsplugin.rows: ' ~ tojson(rows)) %}
{%- endmacro %}
