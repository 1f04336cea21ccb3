{% macro redshift__warehouse_state(wanted) %}
    {#- Of the session that asks: `unset` without a group. -#}
    {%- set group = dbt_opsplugin.query_rows('show query_group')[0][0] or 'unset' %}
    {%- do return({
        'settings': {'query_group': group},
        'matches': not wanted or group == wanted['query_group'],
    }) %}
{%- endmacro %}


{% macro redshift__resize_statements(settings, of) %}
    {#- Each model has a session, with which its group ends. -#}
    {%- if of == 'run' %}
        {%- do dbt_opsplugin._fail(
            'set_warehouse_size', 'on ' ~ target.type ~ ' a size belongs to the session of a model',
            'call it in a pre-hook or in the body of a model'
        ) %}
    {%- elif settings['query_group'] == 'unset' %}
        {%- do return(['reset query_group']) %}
    {%- endif %}
    {%- do return(['set query_group to ' ~ dbt_opsplugin.literal(settings['query_group'])]) %}
{%- endmacro %}


{% macro redshift__default_warehouse_sizes() %}
    {#- None: a group that no queue of the workload management names would change nothing. -#}
    {%- do return({}) %}
{%- endmacro %}


{% macro redshift__warehouse_settings() %}
    {%- do return({
        'query_group': {
            'what': 'the name of a query group', 'pattern': '^[^\\s].{0,319}$', 'example': 'large',
        },
    }) %}
{%- endmacro %}
