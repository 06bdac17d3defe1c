UPDATE runs SET failure = coalesce(?2, failure), calls = coalesce(?3, calls) WHERE id = ?1;
