{% macro tag_session_of(unique_id) %}
    {#- For the Python half, before a model: whether the session is tagged, which takes
        opsplugin_session_tags. -#}
    {%- set wanted = dbt_opsplugin._config('session_tags') and dbt_opsplugin._is_recorded_command() %}
    {%- if wanted %}
        {%- do dbt_opsplugin._tag_session(graph.nodes[unique_id]) %}
    {%- endif %}
    {%- do return(wanted) %}
{%- endmacro %}


{% macro untag_session() %}
    {#- For the Python half, after a model, also a failed one; on an engine without a tag it has been told so. -#}
    {%- set untag = dbt_opsplugin.engine_facts()['session_untag'] %}
    {%- if untag %}
        {%- do dbt_opsplugin.run_statement(untag) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _tag_session(node) %}
    {#- As JSON where there is room for it. -#}
    {%- set facts = dbt_opsplugin.engine_facts() %}
    {%- if not facts['session_tag'] %}
        {%- do dbt_opsplugin._fail(
            'set_query_tag', target.type ~ ' has no tag of a session',
            'use query-comment with dbt_opsplugin.query_comment(node) instead'
        ) %}
    {%- endif %}
    {%- set format = 'compact' if facts['query_tag_limit'] < 500 else 'json' %}
    {%- do dbt_opsplugin.run_statement(facts['session_tag'] | replace(
        '%s', dbt_opsplugin.literal(dbt_opsplugin.query_tag(node=node, format=format))
    )) %}
{%- endmacro %}
