select staged.flight_id
from {{ ref('stg_flights') }} as staged
left join {{ ref('fct_flights') }} as facts on staged.flight_id = facts.flight_id
where facts.flight_id is null
