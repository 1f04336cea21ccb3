select
    airlines.carrier,
    airlines.airline_name,
    alliances.alliance
from {{ ref('stg_airlines') }} as airlines
left join {{ ref('airline_alliances') }} as alliances on airlines.carrier = alliances.carrier
