{% macro _log(macro, message, dry_run=false) %}
    {#- Of a dry run this is all there is, which --quiet shall not take away. -#}
    {%- do dbt_opsplugin._say('dbt_opsplugin.' ~ macro ~ ': ' ~ message, dry_run) %}
{%- endmacro %}


{% macro _say(line, dry_run) %}
    {%- if dry_run and (invocation_args_dict or {}).get('print', true) %}
        {%- do print(line) %}
    {%- else %}
        {%- do log(line, info=true) %}
    {%- endif %}
{%- endmacro %}


{% macro _warn(macro, message) %}
    {%- set arguments = invocation_args_dict or {} %}
    {%- set options = arguments.get('warn_error_options') or {} %}
    {%- if arguments.get('warn_error') or options is mapping and (options.get('error') or options.get('include')) %}
        {#- A warning may end the run there, and what we have to say is not worth one. -#}
        {%- do dbt_opsplugin._log(macro, 'warning: ' ~ message) %}
    {%- else %}
        {%- do exceptions.warn('dbt_opsplugin.' ~ macro ~ ': ' ~ message) %}
    {%- endif %}
{%- endmacro %}
