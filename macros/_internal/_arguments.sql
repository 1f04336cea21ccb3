{% macro _validate_arguments(macro, unknown, valid) %}
    {#- unknown: what the macro was given beside its own arguments, by name. -#}
    {%- for name in unknown or {} %}
        {%- do dbt_opsplugin._fail(
            macro, 'no argument ' ~ name,
            'it takes none' if not valid else 'did you mean '
            ~ dbt_opsplugin._nearest(name, valid) ~ '? Valid: ' ~ valid | join(', ')
        ) %}
    {%- endfor %}
{%- endmacro %}


{% macro _require_boolean(macro, argument, value) %}
    {%- if value is not boolean %}
        {%- do dbt_opsplugin._fail(
            macro, argument ~ ' is ' ~ dbt_opsplugin._as_written(value) ~ ', not true or false',
            'pass ' ~ argument ~ ': true or ' ~ argument ~ ': false'
        ) %}
    {%- endif %}
{%- endmacro %}


{% macro _nearest(value, choices) %}
    {#- The choice that shares most pairs of letters with the value (Dice's coefficient). -#}
    {%- set best = namespace(choice='', score=-1.0) %}
    {%- set lowered = value | lower %}
    {%- set pairs = [] %}
    {%- for i in range(lowered | length - 1) %}
        {%- do pairs.append(lowered[i:i + 2]) %}
    {%- endfor %}
    {%- for choice in choices %}
        {%- set shared = namespace(n=0) %}
        {%- set other = choice | lower %}
        {%- for i in range(other | length - 1) %}
            {%- if other[i:i + 2] in pairs %}
                {%- set shared.n = shared.n + 1 %}
            {%- endif %}
        {%- endfor %}
        {%- set score = 2.0 * shared.n / (pairs | length + other | length) %}
        {%- if score > best.score %}
            {%- set best.choice = choice %}
            {%- set best.score = score %}
        {%- endif %}
    {%- endfor %}
    {%- do return(best.choice) %}
{%- endmacro %}
