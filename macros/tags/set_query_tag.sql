{% macro set_query_tag() %}
    {#- Tags the session of the model that is being built, for a pre-hook; set before every
        model and never read back, since a failed model leaves its tag on the session. -#}
    {%- do dbt_opsplugin._validate_arguments('set_query_tag', kwargs, []) %}
    {%- if execute and dbt_opsplugin._is_recorded_command() %}
        {%- do dbt_opsplugin._tag_session(none) %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}
